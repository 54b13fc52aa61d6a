# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Lutris's database and settings, with the columns of today and of older versions."""
import sqlite3

TODAY = ("id INTEGER PRIMARY KEY, name TEXT, sortname TEXT, slug TEXT, installer_slug TEXT, parent_slug TEXT, platform TEXT, runner TEXT, "
         "executable TEXT, directory TEXT, updated DATETIME, lastplayed INTEGER, installed INTEGER, installed_at INTEGER, year INTEGER, "
         "configpath TEXT, has_custom_banner INTEGER, has_custom_icon INTEGER, has_custom_coverart_big INTEGER, playtime REAL, "
         "service TEXT, service_id TEXT, discord_id TEXT")
OLD = ("id INTEGER PRIMARY KEY, name TEXT, slug TEXT, platform TEXT, runner TEXT, executable TEXT, directory TEXT, lastplayed INTEGER, "
       "installed INTEGER, configpath TEXT, hidden INTEGER, steamid INTEGER")


def database(home, path, rows, columns=TODAY, hidden=(), mode="DELETE"):
    """Close it before it is looked at, or the last rows are in its log."""
    home.mkdir(path.rsplit("/", 1)[0])
    db = sqlite3.connect(f"{home}/{path}")
    db.execute(f"PRAGMA journal_mode = {mode}")
    db.execute(f"CREATE TABLE games ({columns})")
    if columns is TODAY:
        db.execute("CREATE TABLE categories (id INTEGER PRIMARY KEY, name TEXT)")
        db.execute("CREATE TABLE games_categories (game_id INTEGER, category_id INTEGER)")
        db.execute("INSERT INTO categories VALUES (1, 'favorite'), (2, '.hidden')")
    for row in rows:
        row = {"installed": 1, **row}
        db.execute(f"INSERT INTO games ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
    for number in hidden:
        db.execute("INSERT INTO games_categories VALUES (?, 2)", (number,))
    db.commit()
    return db
