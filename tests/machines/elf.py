#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""elf.py [--machine M] FILE [SONAME [NEEDED...]] - write a shared object without any code.
elf.py --rebuild DIR - write those that DIR/libraries.txt of a captured machine lists.

A driver library of a captured machine: a file that readelf, ldconfig and dlopen() accept, that
tells its soname, its word size and what it needs, and holds nothing of anyone's driver. One
loadable segment, one dynamic section; no sections, since nothing at run time reads those."""
import argparse
import pathlib
import struct

MACHINES = {"x86_64": (64, 62), "aarch64": (64, 183), "i386": (32, 3), "arm": (32, 40)}

PT_LOAD, PT_DYNAMIC, PT_GNU_STACK = 1, 2, 0x6474E551
DT_NULL, DT_NEEDED, DT_HASH, DT_STRTAB, DT_SYMTAB = 0, 1, 4, 5, 6
DT_STRSZ, DT_SYMENT, DT_SONAME = 10, 11, 14
READ, WRITE = 4, 2
PAGE = 0x1000


class Layout:
    """Sizes and struct formats of one word size."""

    def __init__(self, bits):
        wide = bits == 64
        self.word = "Q" if wide else "I"
        self.ehdr_size, self.phdr_size, self.sym_size = (64, 56, 24) if wide else (52, 32, 16)
        self.ident_class = 2 if wide else 1
        self.wide = wide

    def dyn(self, tag, value):
        return struct.pack("<" + self.word * 2, tag, value)

    def phdr(self, kind, flags, offset, size, align):
        if self.wide:
            return struct.pack("<IIQQQQQQ", kind, flags, offset, offset, offset, size, size, align)
        return struct.pack("<IIIIIIII", kind, offset, offset, offset, size, size, flags, align)

    def ehdr(self, machine, n_phdrs):
        ident = b"\x7fELF" + bytes([self.ident_class, 1, 1, 0]) + bytes(8)
        rest = struct.pack("<HHI" + self.word * 3 + "IHHHHHH", 3, machine, 1, 0, self.ehdr_size, 0,
                           0x05000200 if machine == MACHINES["arm"][1] else 0,
                           self.ehdr_size, self.phdr_size, n_phdrs, 0, 0, 0)
        return ident + rest


def _strings(names):
    """A string table and the offset of each name in it."""
    table, offsets = b"\0", []
    for name in names:
        offsets.append(len(table))
        table += name.encode() + b"\0"
    return table, offsets


def shared_object(soname=None, needed=(), machine="x86_64"):
    """The bytes of a library; `soname` None leaves DT_SONAME out."""
    bits, number = MACHINES[machine]
    lay = Layout(bits)
    names = list(needed) + ([soname] if soname else [])
    strings, offsets = _strings(names)
    tags = [DT_NEEDED] * len(needed) + ([DT_SONAME] if soname else [])
    symbols = bytes(lay.sym_size)                      # the null symbol
    hashes = struct.pack("<IIII", 1, 1, 0, 0)          # one bucket, one chain, both empty
    n_dyn = len(tags) + 6
    dyn_at = lay.ehdr_size + 3 * lay.phdr_size
    dyn_at += -dyn_at % 8
    dyn_size = n_dyn * 2 * struct.calcsize(lay.word)
    sym_at = dyn_at + dyn_size
    hash_at = sym_at + len(symbols)
    str_at = hash_at + len(hashes)
    total = str_at + len(strings)
    dynamic = b"".join(lay.dyn(tag, offset) for tag, offset in zip(tags, offsets))
    for tag, value in ((DT_HASH, hash_at), (DT_STRTAB, str_at), (DT_SYMTAB, sym_at),
                       (DT_STRSZ, len(strings)), (DT_SYMENT, lay.sym_size), (DT_NULL, 0)):
        dynamic += lay.dyn(tag, value)
    # Writable, because the loader relocates the addresses of the dynamic section in place.
    head = lay.ehdr(number, 3) + lay.phdr(PT_LOAD, READ | WRITE, 0, total, PAGE) + \
        lay.phdr(PT_DYNAMIC, READ | WRITE, dyn_at, dyn_size, 8) + \
        lay.phdr(PT_GNU_STACK, READ | WRITE, 0, 0, 16)
    return head.ljust(dyn_at, b"\0") + dynamic + symbols + hashes + strings


def rebuild(top):
    """A captured machine holds 20 bytes of each library, and a line that tells the rest:
    PATH MACHINE SONAME NEEDED..., with "-" for no soname. No line may lead out of the machine."""
    top = pathlib.Path(top).resolve()
    for line in (top / "libraries.txt").read_text().splitlines():
        path, machine, soname, *needed = line.split()
        full = (top / path.lstrip("/")).resolve()
        if not full.is_relative_to(top):
            raise SystemExit(f"elf.py: '{path}' leads out of the machine")
        full.write_bytes(shared_object(None if soname == "-" else soname, needed, machine))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--machine", choices=sorted(MACHINES), default="x86_64")
    parser.add_argument("--rebuild", action="store_true")
    parser.add_argument("file")
    parser.add_argument("soname", nargs="?")
    parser.add_argument("needed", nargs="*")
    args = parser.parse_args()
    if args.rebuild:
        rebuild(args.file)
    else:
        pathlib.Path(args.file).write_bytes(shared_object(args.soname, args.needed, args.machine))


if __name__ == "__main__":
    main()
