"""Brings a bundle to the devices of a cluster file, over ssh.

`lcp-deploy --help` lists the options; docs/howto/deploy.md shows them at work.
"""
