import sys

from local import local
from vendor import connect

remote = connect(sys.argv[1])
for name in ("en", "de"):
    remote.load_adapter(name)
remote.set_adapter(["en", "de"])
remote.disable_adapter()
remote.merge_and_unload()
remote.save_pretrained("remote/merged")

model = local("out/en")
merged = model.merge_and_unload()
merged.save_pretrained("local/merged")
