# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Steam's files in the forms that its clients wrote over the years."""
import struct
import zlib

MAP, TEXT, INT32, FLOAT, UINT64, END = 0, 1, 2, 3, 7, 8
FIRST_ID64 = 76561197960265728


def quote(word):
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def vdf(tree, depth=0):
    """A dict as text; a list of pairs where keys repeat."""
    pairs = tree.items() if isinstance(tree, dict) else tree
    tabs = "\t" * depth
    out = ""
    for key, value in pairs:
        if isinstance(value, (dict, list)):
            out += f"{tabs}{quote(key)}\n{tabs}{{\n{vdf(value, depth + 1)}{tabs}}}\n"
        else:
            out += f"{tabs}{quote(key)}\t\t{quote(str(value))}\n"
    return out


def word(text):
    return (text if isinstance(text, bytes) else text.encode()) + b"\0"


def binary(tree):
    out = bytearray()
    for key, value in tree.items():
        if isinstance(value, dict):
            out += bytes([MAP]) + word(key) + binary(value)
        elif isinstance(value, (str, bytes)):
            out += bytes([TEXT]) + word(key) + word(value)
        else:
            out += bytes([INT32]) + word(key) + struct.pack("<I", value)
    return bytes(out) + bytes([END])


def crc_id(exe, name):
    return zlib.crc32((exe + name).encode()) | 0x80000000


def manifest(home, library, app_id, name, flags=4, case=str, **more):
    """appmanifest_ID.acf and the directory of the game; `case` is applied to the keys."""
    dir_name = more.pop("installdir", name)
    state = {"appid": app_id, "Universe": 1, "name": name, "StateFlags": flags, "installdir": dir_name,
             "LastUpdated": 1700000000, "SizeOnDisk": 1000 * app_id, "buildid": 1, "LastOwner": FIRST_ID64 + 1, **more}
    home.put(f"{library}/steamapps/appmanifest_{app_id}.acf",
             vdf({case("AppState"): {case(key): value for key, value in state.items()}}))
    if dir_name:
        home.mkdir(f"{library}/steamapps/common/{dir_name}")


def folders_old(home, root, paths):
    """Until 2021."""
    tree = {"TimeNextStatsReport": "1634567890", "ContentStatsID": "-123", **{str(i + 1): p for i, p in enumerate(paths)}}
    home.put(f"{root}/steamapps/libraryfolders.vdf", vdf({"LibraryFolders": tree}))


def folders_middle(home, root, paths, mounted="1"):
    """2021: a map a folder; the root is not one of them."""
    tree = {"contentstatsid": "-123", **{str(i + 1): {"path": p, "label": "", "mounted": mounted, "contentid": "5"}
                                         for i, p in enumerate(paths)}}
    home.put(f"{root}/steamapps/libraryfolders.vdf", vdf({"LibraryFolders": tree}))


def folders_new(home, root, paths, where="config", apps=None):
    """Now: the root is number 0, and each names its apps."""
    tree = {str(i): {"path": p, "label": "", "contentid": "5", "totalsize": "0", "update_clean_bytes_tally": "1",
                     "time_last_update_verified": "0", "apps": (apps or {}).get(p, {})} for i, p in enumerate(paths)}
    home.put(f"{root}/{where}/libraryfolders.vdf", vdf({"libraryfolders": tree}))


def tools(home, root, mapping, **more):
    """CompatToolMapping of config.vdf."""
    steam = {"AutoUpdateWindowEnabled": "0", **more,
             "CompatToolMapping": {str(k): {"name": v, "config": "", "priority": "250"} for k, v in mapping.items()}}
    home.put(f"{root}/config/config.vdf", vdf({"InstallConfigStore": {"Software": {"Valve": {"Steam": steam}}}}))


def users(home, root, latest, *others, case=str):
    tree = {str(FIRST_ID64 + n): {case("AccountName"): f"user{n}", case("PersonaName"): f"User {n}",
                                  case("MostRecent"): "1" if n == latest else "0"} for n in (*others, latest)}
    home.put(f"{root}/config/loginusers.vdf", vdf({"users": tree}))


def played(home, root, user, apps, steam="Steam"):
    tree = {"UserLocalConfigStore": {"Software": {"Valve": {steam: {"apps": apps}}}}}
    home.put(f"{root}/userdata/{user}/config/localconfig.vdf", vdf(tree))


def shortcuts(home, root, user, items):
    tree = {"shortcuts": {str(i): item for i, item in enumerate(items)}}
    home.put(f"{root}/userdata/{user}/config/shortcuts.vdf", binary(tree))
