"""The native recording: a folder a night that no crash, full disk or flipped bit can spoil."""
