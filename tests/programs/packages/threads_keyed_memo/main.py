from lm import LM

lm = LM("EleutherAI/pythia-160m", [("a", "loras/a"), ("b", "loras/b")])
ids = lm.tok("Once upon a time").input_ids
for name in ("a", "b", "a"):
    lm.set_lora(name)
    print(name, lm.logprobs(ids).topk(3))
