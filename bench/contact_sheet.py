"""Photographs before and after, side by side, to look at: the middle of each, enlarged by bicubic interpolation and by
`tintype enhance`.

    contact_sheet.py SHEET.png PHOTO... [--scale 4] [--model NAME] [--side 160]

What it does not know itself is handed to `tintype enhance`: --denoise=0.2, --face=0.8."""
import argparse
import pathlib
import subprocess
import tempfile

from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sheet")
    parser.add_argument("photos", nargs="+", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path, default=HERE.parent / "build/release/tintype")
    parser.add_argument("--scale", type=int, default=4)
    parser.add_argument("--model")
    parser.add_argument("--side", type=int, default=160, help="of the part that is shown, in pixels of the photo")
    parser.add_argument("--columns", type=int, default=2)
    arguments, extra = parser.parse_known_args()
    side = arguments.side * arguments.scale
    tiles = []
    with tempfile.TemporaryDirectory() as folder:
        for at, photo in enumerate(arguments.photos):
            picture = Image.open(photo).convert("RGB")
            left, top = (picture.width - arguments.side) // 2, (picture.height - arguments.side) // 2
            part = picture.crop((left, top, left + arguments.side, top + arguments.side))
            file = pathlib.Path(folder) / f"{at}.png"
            part.save(file)
            command = [str(arguments.program), "enhance", str(file), "--scale", str(arguments.scale)]
            command += ["--model", arguments.model] if arguments.model else []
            subprocess.run(command + extra, check=True, stdout=subprocess.DEVNULL)
            tile = Image.new("RGB", (2 * side, side))
            tile.paste(part.resize((side, side), Image.BICUBIC), (0, 0))
            tile.paste(Image.open(file.with_name(f"{at}-enhanced.png")).convert("RGB"), (side, 0))
            tiles.append(tile)
    rows = -(-len(tiles) // arguments.columns)
    sheet = Image.new("RGB", (arguments.columns * (2 * side + 8), rows * (side + 8)), "white")
    for at, tile in enumerate(tiles):
        sheet.paste(tile, (at % arguments.columns * (2 * side + 8), at // arguments.columns * (side + 8)))
    sheet.save(arguments.sheet)


if __name__ == "__main__":
    main()
