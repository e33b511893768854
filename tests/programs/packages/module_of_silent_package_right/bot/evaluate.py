from transformers import AutoModelForCausalLM

from . import modeling


def main():
    model = modeling.attach(AutoModelForCausalLM.from_pretrained("gpt2"))
    print(model.generate(max_new_tokens=8))


if __name__ == "__main__":
    main()
