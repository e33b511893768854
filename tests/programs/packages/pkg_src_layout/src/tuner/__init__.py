from tuner.model import load_tuned
