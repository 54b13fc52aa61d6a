#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Home directories with the libraries of other programs, none of them real: make.py HOME CASE."""
import json
import os
import pathlib
import sys

import lutris
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


def lutris_native(home):
    """Settings in three levels, a game of Steam's, hidden ones, letters in the wrong case, and settings that go in circles."""
    data, config, games = ".local/share/lutris", ".config/lutris", f"{home}/Games"
    lutris.database(home, f"{data}/pga.db", [
        {"id": 1, "name": "Wine Game", "slug": "wine-game", "runner": "wine", "configpath": "wine-game-1", "directory": f"{games}/wine-game",
         "playtime": 1.5, "lastplayed": 1600000000, "platform": "Windows"},
        {"id": 2, "name": "Native", "slug": "native", "runner": "linux", "configpath": "native-2"},
        {"id": 3, "name": "Portal 2", "slug": "portal-2", "runner": "steam", "configpath": "portal-2-3", "service": "steam", "service_id": "620"},
        {"id": 4, "name": "Not installed", "slug": "n", "runner": "linux", "installed": 0},
        {"id": 5, "name": "Hidden", "slug": "hidden", "runner": "linux", "configpath": "gone-5"},
        {"id": 6, "name": None, "slug": "circle", "runner": "wine", "configpath": "circle-6"},
        {"id": 7, "name": "Elsewhere", "slug": "../../etc", "runner": "../../etc", "configpath": "../../../etc/passwd"},
        {"id": 8, "name": "Broken settings", "slug": "broken", "runner": "linux", "configpath": "broken-8"},
        {"id": 9, "name": "Mario", "slug": "mario", "runner": "dolphin", "configpath": "mario-9"},
        {"id": 10, "name": "Proton", "slug": "proton", "runner": "wine", "configpath": "proton-10"},
    ], hidden=[5]).close()
    home.put("Games/wine-game/drive_c/Program Files/Game.EXE", "MZ")
    home.put("Games/wine-game/user.reg")
    home.put(f"{config}/system.yml", "system:\n  env:\n    A: system\n    B: system\n  gamemode: true\n  mangohud: false\n")
    home.put(f"{config}/runners/wine.yml", "wine:\n  version: wine-9\n  esync: true\n  dxvk: on\nsystem:\n  env:\n    B: runner\n    C: 1942\n")
    home.put(f"{config}/games/wine-game-1.yml",
             "game:\n  exe: drive_c/program files/game.exe\n  args: -w \"two words\"\n  arch: win64\n"
             "wine:\n  esync: false\n  overrides:\n    d3d9: n\nsystem:\n  env:\n    C: game\n  gamemode: no\n")
    home.put(f"{config}/games/native-2.yml", "game:\n  exe: ~/Games/native/run.sh\n  working_dir: ~/Games/native\n")
    home.put("Games/native/run.sh", "#!/bin/sh")
    home.put(f"{config}/games/portal-2-3.yml", "game:\n  appid: '620'\n")
    home.put(f"{config}/games/circle-6.yml", "game: &a\n  exe: *a\n")
    home.link(f"{config}/runners/circle.yml", "circle.yml")
    home.put(f"{config}/games/broken-8.yml", "game:\n  exe: [\n")
    home.put(f"{config}/games/mario-9.yml", "game:\n  main_file: /roms/mario.iso\n")
    home.put(f"{config}/games/proton-10.yml", "game:\n  exe: C:\\Game\\x.exe\n  prefix: /p\nwine:\n  version: ge-proton\n")
    home.put(f"{data}/coverart/wine-game.jpg", "jpg")
    home.put(f"{data}/banners/native.jpg", "jpg")
    home.put(".local/share/icons/hicolor/128x128/apps/lutris_native.png", "png")
    steam.manifest(home, NATIVE, 620, "Portal 2")


def lutris_packages(home):
    """An old database that lutris.conf moved, and a flatpak's in WAL mode that was not closed."""
    data = ".var/app/net.lutris.Lutris/data/lutris"
    home.put(".config/lutris/lutris.conf", f"[lutris]\npga_path = {home}/moved/games.db\n")
    lutris.database(home, "moved/games.db", [{"id": 1, "name": "Old", "slug": "old", "runner": "linux"},
                                             {"id": 2, "name": "Old hidden", "slug": "oh", "runner": "linux", "hidden": 1}], lutris.OLD).close()
    db = lutris.database(home, f"{data}/pga.db", [{"id": 1, "name": "In the log", "slug": "log", "runner": "linux", "configpath": "x"}], mode="WAL")
    for name in ["pga.db", "pga.db-wal"]:
        home.put(f"{data}/copy/{name}", (home.top / data / name).read_bytes())
    db.close()
    for name in ["pga.db", "pga.db-wal"]:
        (home.top / data / "copy" / name).rename(home.top / data / name)
    (home.top / data / "copy").rmdir()


def lutris_broken(home):
    """A database that is none."""
    home.put(".local/share/lutris/pga.db", "SQLite format 3\0 and then nothing good" * 100)


def heroic_native(home):
    """All four stores, settings that inherit, extra content that is no game, and Heroic's shortcuts in Steam and on the desktop."""
    base, games = ".config/heroic", f"{home}/Games/Heroic"
    put = lambda path, tree: home.put(f"{base}/{path}", json.dumps(tree))
    put("config.json", {"version": "v0", "defaultSettings": {"winePrefix": f"{home}/pfx/shared", "enableEsync": True, "autoInstallDxvk": True,
        "wineVersion": {"bin": "/w/bin/wine", "name": "Wine-GE-8", "type": "wine"}, "enviromentOptions": [{"key": "A", "value": "all"}]}})
    put("legendaryConfig/legendary/installed.json", {
        "Sugar": {"app_name": "Sugar", "title": "Rocket League", "executable": "bin/rl.exe", "install_path": f"{games}/rl", "install_size": 5000,
                  "launch_parameters": "-nomovie", "platform": "Windows", "is_dlc": False},
        "SugarDLC": {"app_name": "SugarDLC", "title": "More", "executable": "", "install_path": f"{games}/rl", "is_dlc": True}})
    put("GamesConfig/Sugar.json", {"Sugar": {"winePrefix": f"{home}/pfx/rl", "enableEsync": False, "wineVersion": {"name": "GE-Proton10-1", "type": "proton"},
        "enviromentOptions": [{"key": "B", "value": "own"}], "launcherArgs": "-fast", "showMangohud": True}, "version": "v0", "explicit": True})
    put("gog_store/installed.json", {"installed": [
        {"appName": "1207", "install_path": f"{games}/Witcher", "executable": "", "platform": "windows", "version": "1", "is_dlc": False},
        {"appName": "1208", "install_path": f"{games}/Linux", "executable": "start.sh", "platform": "linux"},
        {"appName": "1209", "install_path": f"{games}/Witcher", "platform": "windows", "is_dlc": True}]})
    home.put("Games/Heroic/Witcher/goggame-1207.info", json.dumps({"gameId": "1207", "playTasks": [
        {"isPrimary": False, "path": "setup.exe"}, {"isPrimary": True, "path": "system\\witcher.exe", "arguments": "-x"}]}))
    home.put("Games/Heroic/Witcher/System/Witcher.exe", "MZ")
    home.put("Games/Heroic/Linux/start.sh", "#!/bin/sh")
    put("store_cache/gog_library.json", {"games": [{"app_name": "1207", "title": "The Witcher"}, {"app_name": "1208", "title": "Linux Game"}]})
    put("nile_config/nile/installed.json", [{"id": "amzn1.x", "path": f"{games}/amazon", "version": "1", "size": 77}])
    put("nile_config/nile/library.json", [{"product": {"id": "amzn1.x", "title": "Amazon Game"}}])
    home.put("Games/Heroic/amazon/fuel.json", json.dumps({"Main": {"Command": "Game.exe", "Args": []}}))
    put("sideload_apps/library.json", {"games": [
        {"app_name": "side1", "title": "Sideloaded", "runner": "sideload", "install": {"executable": f"{home}/side/s.exe", "platform": "Windows", "is_dlc": False}},
        {"app_name": "side2", "title": "In a browser", "runner": "sideload", "browserUrl": "https://example.org/play", "install": {"platform": "Browser"}}]})
    put("store/timestamp.json", {"Sugar": {"firstPlayed": "2023-01-01T00:00:00.000Z", "lastPlayed": "2024-02-03T04:05:06.000Z", "totalPlayed": 90}})
    home.put(f"{base}/icons/Sugar.jpg", "jpg")
    steam.shortcuts(home, NATIVE, 1, [{"appid": 0x90000001, "AppName": "Rocket League", "Exe": '"/usr/bin/heroic"',
                                       "LaunchOptions": '--no-gui "heroic://launch/legendary/Sugar"'}])
    home.put(".local/share/applications/Rocket League.desktop",
             "[Desktop Entry]\nType=Application\nName=Rocket League\nExec=xdg-open heroic://launch/legendary/Sugar\nCategories=Game;\n")
    home.put(".local/share/applications/Uninstalled.desktop",
             "[Desktop Entry]\nType=Application\nName=Uninstalled\nExec=xdg-open heroic://launch/legendary/Gone\nCategories=Game;\n")


def heroic_broken(home):
    """A file cut short, and one that is no list."""
    base = ".var/app/com.heroicgameslauncher.hgl/config/heroic"
    home.put(f"{base}/gog_store/installed.json", '{"installed": [{"appName": "1207", "insta')
    home.put(f"{base}/nile_config/nile/installed.json", json.dumps([{"id": "fifo", "path": f"{home}/Games/fifo"}, 5, {"id": 7}]))
    home.put(f"{base}/config.json", "[]")
    home.mkdir("Games/fifo")
    os.mkfifo(f"{home}/Games/fifo/fuel.json")  # whoever opens it waits for ever
    home.mkdir(f"{base}/sideload_apps")
    os.mkfifo(f"{home}/{base}/sideload_apps/library.json")
    home.put(f"{base}/legendaryConfig/legendary/installed.json", json.dumps({"../../x": {"install_path": 5, "executable": ["a"]}, "": {}}))


def bottles_all(home):
    """A bottle in its place, one elsewhere, one whose drive is gone, one in a flatpak, one broken."""
    base = ".local/share/bottles"
    home.put(f"{base}/bottles/Gaming/bottle.yml", f"""Arch: win64
DLL_Overrides:
  d3d11: n
Environment: Gaming
Environment_Variables:
  NUMBER: 5
External_Programs:
  5ee0:
    arguments: -w
    dxvk: false
    executable: Game.exe
    folder: C:\\Games
    icon: com.usebottles.bottles-program
    name: My Game
    path: C:\\games\\game.exe
    removed: false
  old:
    executable: gone.exe
    name: Removed
    path: {home}/gone.exe
    removed: true
Name: Gaming Bottle
Parameters:
  dxvk: true
  sync: fsync
  mangohud: true
Path: Gaming
Runner: soda-9.0-1
Unknown_Key: [1, 2]
""")
    home.put(f"{base}/bottles/Gaming/drive_c/Games/Game.exe", "MZ")
    home.put(f"{base}/bottles/Custom/placeholder.yml", f"Path: {home}/mnt/custom\n")
    home.put("mnt/custom/bottle.yml", f"Name: Custom\nRunner: GE-Proton9\nExternal_Programs:\n  a:\n    name: Elsewhere\n    path: {home}/mnt/custom/e.exe\n")
    home.put(f"{base}/bottles/Away/placeholder.yml", f"Path: {home}/mnt/away\n")
    home.put(f"{base}/bottles/Broken/bottle.yml", "Name: [\n")
    home.put(f"{base}/bottles/a file")
    home.put(".var/app/com.usebottles.bottles/data/bottles/data.yml", f"custom_bottles_path: {home}/mnt/more\n")
    home.put("mnt/more/Flat/bottle.yml", "Name: Flat\nExternal_Programs:\n  b:\n    name: In a flatpak\n    path: Z:\\opt\\x.exe\n")
    home.put(".local/share/applications/My Game.desktop", "[Desktop Entry]\nType=Application\nName=My Game\nCategories=Game;\n"
             "Exec=bottles-cli run -p 'My Game' -b 'Gaming Bottle' -- %u\n")


def desktop_all(home):
    """Entries that are games, that are none, that hide others, and that only start another launcher's game."""
    def entry(path, *lines, categories="Game;ArcadeGame;"):
        home.put(path, "[Desktop Entry]\nType=Application\n" + f"Categories={categories}\n" + "\n".join(lines) + "\n")
    own, system, flatpak = ".local/share/applications", "usr/share/applications", ".local/share/flatpak/exports/share/applications"
    entry(f"{system}/kart.desktop", "Name=SuperKart", "Name[de]=Kart", "Exec=/bin/sh %u --fast \"two words\" 100%%", "Icon=kart", "Path=/usr")
    home.put("usr/share/icons/hicolor/128x128/apps/kart.png", "png")
    entry(f"{system}/term.desktop", "Name=Rogue", "Exec=env A=b sh -c rogue", "Terminal=true", "TryExec=sh")
    entry(f"{system}/masked.desktop", "Name=Masked", "Exec=sh")
    entry(f"{own}/masked.desktop", "Name=Masked", "Exec=sh", "Hidden=true")
    entry(f"{own}/nodisplay.desktop", "Name=No display", "Exec=sh", "NoDisplay=true")
    entry(f"{own}/tryexec.desktop", "Name=Not there", "Exec=sh", "TryExec=/no/such/program")
    entry(f"{own}/absent.desktop", "Name=Absent", "Exec=no-such-program-anywhere")
    entry(f"{own}/emulator.desktop", "Name=Emulator", "Exec=sh", categories="Game;Emulator;")
    entry(f"{own}/editor.desktop", "Name=Gamey editor", "Exec=sh", categories="Utility;")
    entry(f"{own}/steam.desktop", "Name=Steam", "Exec=sh")
    entry(f"{own}/quotes.desktop", "Name=Bad quotes", 'Exec=sh "unfinished')
    entry(f"{own}/empty.desktop", "Name=Empty")
    home.put(f"{own}/noise.desktop", b"\xff\xfeGame\0" * 20)
    entry(f"{own}/Portal 2.desktop", "Name=Portal 2", "Exec=steam steam://rungameid/620")
    entry(f"{own}/Portal.desktop", "Name=Portal", "Exec=steam steam://rungameid/400")
    steam.manifest(home, NATIVE, 620, "Portal 2")
    home.mkdir(f"{own}/directory.desktop")
    home.link(f"{own}/circle.desktop", "circle.desktop")


CASES = {function.__name__: function for function in [steam_native, steam_old, steam_packages, steam_broken,
                                                      lutris_native, lutris_packages, lutris_broken,
                                                      heroic_native, heroic_broken, bottles_all, desktop_all]}

if __name__ == "__main__":
    CASES[sys.argv[2]](Home(sys.argv[1]))
