"""The law of the house: a room includes only the rooms and parts that its line in CMakeLists.txt names."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"

# Vendor headers, and the parts that let a room include them.
VENDORS = {
    r"boost/(beast|asio|system)": "beast",
    r"boost/url": "Boost::url",
    r"soci/|sqlite3": "soci",
    r"libpq-fe": "libpq",
    r"hiredis/": "hiredis",
    r"vips/": "vips",
    r"jpeglib|jerror": "jpeg",
    r"webp/": "webp",
    r"opencv2/": "opencv",
    r"lib(av|sw)": "ffmpeg",
    r"dnnl": "dnnl",
    r"nlohmann/": "json",
    r"google/protobuf/": "protobuf",
    r"curl/": "CURL::libcurl",
    r"libxml/": "libxml2",
    r"ares\.h": "cares",
    r"idn2\.h": "idn2",
    r"utf8proc": "utf8proc",
    r"openssl/": "OpenSSL::Crypto",
    r"sodium": "sodium",
    r"prometheus/": "prometheus",
    r"toml\+\+/": "tomlplusplus",
    r"CLI/": "CLI11",
}


# Folders of the system's own headers, open to all, and those of the test parts, open to tests.
SYSTEM = {"sys", "netinet", "arpa", "net", "linux"}
TESTING = {"gtest", "gmock", "rapidcheck", "benchmark"}


def rooms():
    text = (ROOT / "CMakeLists.txt").read_text()
    found = {}
    for body in re.findall(r"^room\(([^)]*)\)", text, re.MULTILINE):
        words = body.split()
        lists, current = {"USES": [], "PARTS": [], "TEST_USES": []}, None
        for word in words[1:]:
            if word in lists:
                current = word
            elif current:
                lists[current].append(word)
        found[words[0]] = lists
    return found


def room_of(path, names):
    inside = path.relative_to(SOURCE).parent.as_posix()
    return inside if inside in names else None


def check_file(path, law, faults):
    text = path.read_text()
    where = path.relative_to(ROOT)
    room = room_of(path, law)
    if room is None:
        faults.append(f"{where}: lies in no room")
        return
    is_test = path.stem.endswith("_test")
    allowed = {room, *law[room]["USES"], *(law[room]["TEST_USES"] if is_test else [])}
    for include in re.findall(r'^\s*#\s*include "([^"]+)"', text, re.MULTILINE):
        target = pathlib.PurePosixPath(include).parent.as_posix()
        if ".." in include or "/" not in include:
            faults.append(f"{where}: includes {include}, which is not a path from src")
        elif (SOURCE / include).exists() and target not in allowed:
            faults.append(f"{where}: includes {include}, but {room} does not use {target}")
    for include in re.findall(r"^\s*#\s*include <([^>]+)>", text, re.MULTILINE):
        if not is_test:
            check_vendor(include, law[room]["PARTS"], f"{where}: includes <{include}>, but", room, faults)


def check_vendor(include, parts, sentence, room, faults):
    for pattern, part in VENDORS.items():
        if re.match(pattern, include):
            if part not in parts:
                faults.append(f"{sentence} {room} does not use {part}")
            return
    folder = include.split("/")[0] if "/" in include else None
    if folder in TESTING:
        faults.append(f"{sentence} it is no test")
    elif folder is not None and folder not in SYSTEM:
        faults.append(f"{sentence} no part is known that it belongs to")


def check_text(path, faults):
    where = path.relative_to(ROOT)
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if len(line) > 120:
            faults.append(f"{where}:{number}: longer than 120 characters")
        if re.search(r"\b(TODO|FIXME|XXX)\b", line):
            faults.append(f"{where}:{number}: says that it is unfinished")
    if re.search(r"(^|_)(util|utils|manager|helper|helpers)($|_)", path.stem):
        faults.append(f"{where}: the name says nothing")


def main():
    law, faults = rooms(), []
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix not in (".h", ".cpp"):
            continue
        check_text(path, faults)
        check_file(path, law, faults)
    for path in sorted((ROOT / "web" / "src").rglob("*.ts*")):
        if path.parent.name != "schema":  # which is generated
            check_text(path, faults)
    print("\n".join(faults))
    print(f"{len(law)} rooms, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
