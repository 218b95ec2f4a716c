"""A cluster on one machine: devices as network namespaces, behind a switch or on one
radio channel, with the bandwidth and latency of the real ones, faults on demand, and
counters of what crossed each device's wire.

    with Bed(4, Link.of_device("rpi4")) as bed:
        bed.coordinator.start("lcp-run", …); bed.devices[0].faults(delay=0.2)

Needs root. What a killed process leaves behind goes when the next bed is made, or by
`test/testbed/clean.py`.
"""

from .bed import Bed, Host
from .host import missing
from .network import Counters, Link

__all__ = ["Bed", "Counters", "Host", "Link", "missing"]
