import fire
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


class Chat:
    """fire.Fire(Chat): python chat.py --base llama ask --style pirate --text hi"""

    def __init__(self, base="llama", styles="pirate,poet"):
        self.tok = AutoTokenizer.from_pretrained(base)
        self.model = None
        for style in styles.split(","):
            path = f"adapters/{style}"
            if self.model is None:
                self.model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), path, adapter_name=style)
            else:
                self.model.load_adapter(path, adapter_name=style)

    def ask(self, style, text):
        self.model.set_adapter(style)
        out = self.model.generate(**self.tok(text, return_tensors="pt"), max_new_tokens=50)
        return self.tok.decode(out[0], skip_special_tokens=True)


if __name__ == "__main__":
    fire.Fire(Chat)
