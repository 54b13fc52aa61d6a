#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Home directories with the libraries of other programs, none of them real: make.py HOME CASE."""
import pathlib
import sys

import steam

NATIVE = ".local/share/Steam"
FLATPAK = ".var/app/com.valvesoftware.Steam/.local/share/Steam"
SNAP = "snap/steam/common/.local/share/Steam"


class Home:
    """A directory; all paths are below it."""

    def __init__(self, top):
        self.top = pathlib.Path(top)

    def __str__(self):
        return str(self.top)

    def put(self, path, data=""):
        at = self.top / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(data if isinstance(data, bytes) else data.encode())

    def mkdir(self, path):
        (self.top / path).mkdir(parents=True, exist_ok=True)

    def link(self, path, target):
        at = self.top / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.symlink_to(target)


def steam_native(home):
    """A client of today: two drives, a prefix on the other one, users, tools, pictures, shortcuts."""
    other = f"{home}/mnt/games"
    home.link(".steam/steam", f"{home}/{NATIVE}")
    home.link(".steam/root", f"{home}/{NATIVE}")
    steam.folders_new(home, NATIVE, [f"{home}/{NATIVE}", other])
    home.put("mnt/games/libraryfolder.vdf", steam.vdf({"libraryfolder": {"contentid": "5", "label": ""}}))
    steam.manifest(home, NATIVE, 620, "Portal 2")
    steam.manifest(home, NATIVE, 400, "Portal", flags=6)
    steam.manifest(home, NATIVE, 570, "Dota 2", flags=1026, installdir="dota 2 beta")
    steam.manifest(home, "mnt/games", 1091500, "Cyberpunk 2077", case=str.lower, LastPlayed=1690000000)
    steam.manifest(home, "mnt/games", 292030, "", installdir="Witcher 3", UserConfig={"name": "The Witcher® 3", "language": "pl"})
    # What games need, and no game:
    steam.manifest(home, NATIVE, 228980, "Steamworks Common Redistributables", installdir="Steamworks Shared")
    steam.manifest(home, NATIVE, 1628350, "Steam Linux Runtime 3.0 (sniper)", installdir="SteamLinuxRuntime_sniper")
    steam.manifest(home, NATIVE, 2805730, "Proton 9.0 (Beta)")
    home.put(f"{NATIVE}/steamapps/common/Proton 9.0 (Beta)/toolmanifest.vdf", 'manifest { version 2 commandline "/proton %verb%" }')
    # The prefix lies where the game does not.
    home.put(f"{NATIVE}/steamapps/compatdata/1091500/pfx/drive_c/x")
    home.put("mnt/games/steamapps/compatdata/292030/pfx/drive_c/x")
    steam.tools(home, NATIVE, {0: "proton_experimental", 1091500: "GE-Proton10-25", 620: ""})
    steam.users(home, NATIVE, 2, 1)
    steam.played(home, NATIVE, 1, {"620": {"LastPlayed": "1500000000", "Playtime": "60", "LaunchOptions": "-old"}})
    steam.played(home, NATIVE, 2, {"620": {"lastplayed": "1600000000", "playtime": "90", "launchoptions": "gamemoderun %command% -novid"},
                                   "1091500": {"Playtime": "6000"}}, steam="steam")
    cache = f"{NATIVE}/appcache/librarycache"
    home.put(f"{cache}/620_library_600x900.jpg", "jpg")
    home.put(f"{cache}/620_icon.jpg", "jpg")
    home.put(f"{cache}/400/library_600x900.jpg", "jpg")
    home.put(f"{cache}/400/{'a1' * 20}.jpg", "jpg")
    home.put(f"{cache}/292030/{'0f' * 20}/library_600x900.jpg", "jpg")
    home.put(f"{NATIVE}/userdata/2/config/grid/1091500p.png", "png")
    home.put(f"{NATIVE}/userdata/2/config/grid/620_icon.png", "png")
    home.put("Games/celeste/Celeste", "elf")
    exe = f'"{home}/Games/celeste/Celeste"'
    steam.shortcuts(home, NATIVE, 2, [
        {"appid": 0x84030201, "AppName": "Celeste", "Exe": exe, "StartDir": f'"{home}/Games/celeste/"', "icon": f"{home}/c.png",
         "ShortcutPath": "", "LaunchOptions": "", "IsHidden": 0, "AllowOverlay": 1, "LastPlayTime": 1650000000, "tags": {"0": "favourite"}},
        {"appname": "No id: Größe", "exe": '"/opt/old game/run.exe" -w', "LaunchOptions": "-x", "tags": {}},
        {"AppName": "Flat", "Exe": '"flatpak"', "LaunchOptions": "run org.x.Y", "FlatpakAppID": "org.x.Y", "appid": 0xF0000001},
        {"AppName": "No exe", "appid": 0xF0000002},
    ])


def steam_old(home):
    """A client of 2019, from Debian's package, with a folder that only config.vdf names."""
    root = ".steam/debian-installation"
    steam.folders_old(home, root, [f"{home}/old lib"])
    steam.manifest(home, root, 440, "Team Fortress 2")
    steam.manifest(home, "old lib", 240, "Counter-Strike: Source")
    home.mkdir("older/SteamApps")
    home.put("older/SteamApps/appmanifest_70.acf", 'AppState{ appid 70 name "Half-Life" StateFlags 4 installdir Half-Life }')
    home.mkdir("older/SteamApps/common/Half-Life")
    steam.tools(home, root, {}, BaseInstallFolder_1=f"{home}/older")


def steam_packages(home):
    """Flatpak and snap at once, one game in both, and a drive that is gone."""
    steam.folders_middle(home, FLATPAK, [f"{home}/not there"], mounted="0")
    steam.manifest(home, FLATPAK, 620, "Portal 2")
    steam.folders_new(home, SNAP, [f"{home}/{SNAP}"], where="steamapps")
    steam.manifest(home, SNAP, 620, "Portal 2")
    steam.manifest(home, SNAP, 730, "Counter-Strike 2")
    home.link(".var/app/com.valvesoftware.Steam/.steam/steam", f"{home}/{FLATPAK}")


def steam_broken(home):
    """Half-written, hostile, strange."""
    steam.folders_new(home, NATIVE, [f"{home}/{NATIVE}"])
    steam.manifest(home, NATIVE, 1, "Whole")
    whole = (home.top / NATIVE / "steamapps/appmanifest_1.acf").read_bytes()
    home.put(f"{NATIVE}/steamapps/appmanifest_2.acf", whole[:len(whole) // 2])
    home.put(f"{NATIVE}/steamapps/appmanifest_3.acf", b"\0" * 512)
    home.put(f"{NATIVE}/steamapps/appmanifest_4.acf", b"")
    home.put(f"{NATIVE}/steamapps/appmanifest_99999999999.acf", whole)
    home.put(f"{NATIVE}/steamapps/appmanifest_x.acf", whole)
    steam.manifest(home, NATIVE, 5, "Escaping", installdir="../../../../etc")
    steam.manifest(home, NATIVE, 6, "Bell \a and \x1b[31mred")
    home.put(f"{NATIVE}/steamapps/appmanifest_7.acf", steam.vdf({"AppState": {"appid": 7, "name": "LATIN", "StateFlags": 4,
             "installdir": "Latin"}}).encode().replace(b"LATIN", b"Caf\xe9"))
    home.mkdir(f"{NATIVE}/steamapps/common/Latin")
    for number, name in enumerate(["ß ẞ", "日本語のゲーム", "עברית", "e\u0301 combining", "🎮 pad", "\u202eevil", "a\u00a0b", "𝔊", "\ufeffbom", "line\nend"]):
        steam.manifest(home, NATIVE, 100 + number, name, installdir=f"d{number}")
    steam.played(home, NATIVE, 1, {"1": {"Playtime": "99999999999999999999", "LastPlayed": "-5"}, "6": {"Playtime": "18446744073709551615"}})
    home.put(f"{NATIVE}/userdata/1/config/shortcuts.vdf", steam.binary({"shortcuts": {"0": {"AppName": "x", "Exe": "y"}}})[:-5])
    home.put(f"{NATIVE}/config/config.vdf", '"InstallConfigStore"\n{\n\t"Software"\n\t{')


CASES = {function.__name__: function for function in [steam_native, steam_old, steam_packages, steam_broken]}

if __name__ == "__main__":
    CASES[sys.argv[2]](Home(sys.argv[1]))
