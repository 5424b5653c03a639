"""Tables of a build: runtime, flow against descent, a fresh build against the published one."""
