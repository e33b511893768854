import argparse
import json
import logging

from engine import Engine

logging.basicConfig(level=logging.INFO)
ap = argparse.ArgumentParser()
ap.add_argument("--model", default="Qwen/Qwen3-0.6B")
ap.add_argument("--pairs", default="pairs.json")
ns = ap.parse_args()

pairs = json.load(open(ns.pairs))
e = Engine(ns.model)
e.fit([p["prompt"] for p in pairs], [p["target"] for p in pairs])
e.export("export/merged", "export/adapter")
