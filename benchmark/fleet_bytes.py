"""What a form in stages has the coordinator's cable carry, tensors only, when workers send
each other what they can: docs/rationale/direct-exchange.md."""

from math import prod

SIZES = {"f32": 4, "i32": 4, "i8": 1, "u8": 1}


def coordinator_bytes(about: dict, input_bytes: int) -> int:
    """Of a bundle, as `lcp-dump --json` has it, and a file of that size as its one input."""
    size = [SIZES[value["type"]] * prod(value["shape"]) for value in about["values"]]
    size[about["inputs"][0]["value"]] = input_bytes
    segment = 0
    # Of a value that workers write: the segment, and what it is merged of.
    origin: dict[int, tuple[int, list[int]]] = {}
    sent, back = 0, set()

    def read_here(value: int) -> None:
        if value in origin:
            back.update(origin[value][1])

    for step in about["steps"]:
        if "merge" in step:
            if all(origin.get(v) == (segment, [v]) for v in step["inputs"]):
                origin[step["output"]] = segment, step["inputs"]
                continue
            segment += 1
            for value in step["inputs"]:
                read_here(value)
            continue
        if not step["parallel"]:
            segment += 1
        for branch in step["branches"]:
            for value in branch["inputs"]:
                if step["parallel"] and value in origin and origin[value][0] == segment:
                    continue
                read_here(value)
                sent += size[value] if step["parallel"] else 0
        for branch in step["branches"] if step["parallel"] else ():
            origin.update({value: (segment, [value]) for value in branch["outputs"]})
    for output in about["outputs"]:
        read_here(output["value"])
    return sent + sum(size[value] for value in back)
