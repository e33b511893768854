from tuner import load_tuned

model = load_tuned("base", "adapters/qa")
print(model.generate(input_ids=None))
