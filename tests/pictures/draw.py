"""Draws the pictures of the project: edges, texture, letters, gradients, noise. No photo of others is part of it.
draw.py FILE.png WIDTH HEIGHT [--enlarge N]   (nearest neighbour, for showing a small picture beside an enhanced one)"""
import math
import struct
import sys
import zlib

LETTERS = {"T": "11111 00100 00100 00100 00100 00100 00100", "I": "111 010 010 010 010 010 111",
           "N": "10001 11001 10101 10011 10001 10001 10001", "Y": "10001 10001 01010 00100 00100 00100 00100",
           "P": "11110 10001 10001 11110 10000 10000 10000", "E": "11111 10000 10000 11110 10000 10000 11111"}


def letters(text):
    """Rows of 0 and 1."""
    rows = [""] * 7
    for letter in text:
        for at, row in enumerate(LETTERS[letter].split()):
            rows[at] += row + "0"
    return rows


TITLE = letters("TINTYPE")


def colour(u, v, noise):
    """The scene at (u, v), each in [0, 1): sky, hills, a sun, a fence, and the name."""
    r, g, b = 90 + 120 * v, 140 + 70 * v, 220 - 40 * v
    if math.hypot(u - 0.78, (v - 0.25) * 0.7) < 0.09:
        r, g, b = 250, 220, 90
    for height, tone in ((0.55, 130), (0.66, 95)):
        if v > height + 0.06 * math.sin(u * 9 + height * 20) + 0.02 * math.sin(u * 31):
            grass = 18 * math.sin(u * 190 + 7 * math.sin(v * 90))
            r, g, b = tone * 0.55 + grass, tone + grass, tone * 0.4
    if v > 0.72 and (u * 24) % 1 < 0.28 or 0.80 < v < 0.83:
        r, g, b = 205, 190, 170
    x, y = int((u - 0.08) / 0.0125), int((v - 0.1) / 0.02)
    if 0 <= y < 7 and 0 <= x < len(TITLE[0]) and TITLE[y][x] == "1":
        r, g, b = 250, 250, 250
    return [max(0, min(255, int(c + noise))) for c in (r, g, b)]


def draw(width, height):
    state, rows = 12345, []
    for y in range(height):
        row = []
        for x in range(width):
            total = [0, 0, 0]
            for sub in range(16):  # what a camera does: the average over the pixel
                u, v = (x + (sub % 4 + 0.5) / 4) / width, (y + (sub // 4 + 0.5) / 4) / height
                total = [a + b for a, b in zip(total, colour(u, v, 0))]
            state = (state * 1103515245 + 12345) % 2**31
            row += [max(0, min(255, t // 16 + state // 65536 % 5 - 2)) for t in total]
        rows.append(row)
    return rows


def save(path, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", len(rows[0]) // 3, len(rows), 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 9)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b""))


def enlarge(rows, times):
    return [[c for x in range(0, len(row), 3) for _ in range(times) for c in row[x:x + 3]]
            for row in rows for _ in range(times)]


if __name__ == "__main__":
    picture = draw(int(sys.argv[2]), int(sys.argv[3]))
    save(sys.argv[1], enlarge(picture, int(sys.argv[5])) if "--enlarge" in sys.argv else picture)
