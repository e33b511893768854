import peft
from models import build
from packaging.version import Version

model = build("gpt2", Version(peft.__version__) < Version("0.10"))
model.train()
