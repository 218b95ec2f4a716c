"""What benchmark/arm.py runs in an emulated arm64 Python: a folder's ncnn network, so many times."""

import sys

import ncnn
import numpy as np

folder, times = sys.argv[1], int(sys.argv[2])
net = ncnn.Net()
net.opt.num_threads = 1
for option in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage"):
    setattr(net.opt, option, False)
if net.load_param(f"{folder}/model.ncnn.param") or net.load_model(f"{folder}/model.ncnn.bin"):
    sys.exit("ncnn does not load what pnnx wrote")
pixels = np.load(f"{folder}/input.npy")[0]  # the Mat refers to it
image = ncnn.Mat(pixels)
for _ in range(times):
    extractor = net.create_extractor()
    extractor.input("in0", image)
    status, answer = extractor.extract("out0")
    if status:
        sys.exit(f"ncnn ended with {status}")
np.save(f"{folder}/answer.npy", np.array(answer)[None])
