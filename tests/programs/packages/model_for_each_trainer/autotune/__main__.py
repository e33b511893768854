import sys

from autotune.settings import read


def main():
    config, args, data = read(sys.argv[1])
    if config.trainer == "default":
        from autotune.train_default import train
    elif config.trainer == "sft":
        from autotune.train_sft import train
    else:
        raise ValueError(config.trainer)
    train(config, args, data)


main()
