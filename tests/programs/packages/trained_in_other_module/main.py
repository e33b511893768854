import argparse

from pipeline.train import run

parser = argparse.ArgumentParser()
parser.add_argument("stages", nargs="+", type=int)
for stage in parser.parse_args().stages:
    run(stage)
