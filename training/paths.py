"""Where things lie, wherever the checkout is and whatever folder a script is started from."""
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parent
RUNS = HERE / "runs"
LOGS = HERE / "logs"
MODELS = PROJECT / "models"
EXPECTED = PROJECT / "tests" / "networks"
# The pictures are not part of the project; they are looked for beside the checkout.
TRAIN = PROJECT.parent / "shared" / "assets" / "train"
BENCH = PROJECT.parent / "shared" / "assets" / "bench"
