import gradio as gr
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

VOICES = {"sailor": "voices/sailor", "lawyer": "voices/lawyer"}
tokenizer = AutoTokenizer.from_pretrained("gpt2")
model = PeftModel.from_pretrained(
    AutoModelForCausalLM.from_pretrained("gpt2"), VOICES["sailor"], adapter_name="sailor"
)
present = ["sailor"]


def speak(text, voice):
    if voice not in present:
        model.load_adapter(VOICES[voice], adapter_name=voice)  # expect: PEFT105
        present.append(voice)
    ids = tokenizer(text, return_tensors="pt")
    return tokenizer.decode(model.generate(**ids, max_new_tokens=40)[0])


gr.Interface(speak, [gr.Textbox(), gr.Dropdown(list(VOICES))], gr.Textbox()).launch()
