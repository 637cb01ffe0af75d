"""Holds a program of the kernel's BPF machine: a socket filter that takes nothing."""
import ctypes
import struct
import time

libc = ctypes.CDLL(None, use_errno=True)
code = struct.pack("=BBHi", 0xb7, 0, 0, 0) + struct.pack("=BBHi", 0x95, 0, 0, 0)
text = ctypes.create_string_buffer(code)
license_text = ctypes.create_string_buffer(b"GPL")
attributes = struct.pack("=IIQQIIQII", 1, 2, ctypes.addressof(text), ctypes.addressof(license_text), 0, 0, 0, 0, 0)
held = libc.syscall(321, 5, ctypes.create_string_buffer(attributes.ljust(128, b"\0")), 128)
print(held, ctypes.get_errno(), flush=True)
time.sleep(1000)
