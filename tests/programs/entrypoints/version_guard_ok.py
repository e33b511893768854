import sys

import peft
from packaging import version

if version.parse(peft.__version__) >= version.parse("0.11"):
    from peft import prepare_model_for_kbit_training as prepare
else:
    from peft import prepare_model_for_int8_training as prepare

if sys.version_info < (3, 8):
    raise SystemExit("too old")


def main(model):
    if False:
        model.disable_adapter()
    return prepare(model)
