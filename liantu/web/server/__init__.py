"""The page on a server of one's own machine: `liantu serve`.

Two kinds of processes: this one talks with the browser and never computes; every network is held,
and every long work done, by a process of its own (`worker`), which can be ended at any time.
"""
