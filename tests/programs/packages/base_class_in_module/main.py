from core import AdaptedModel, LanguageModel

plain = LanguageModel("gpt2")
adapted = AdaptedModel("gpt2")
print(plain.next_token("The"), adapted.next_token("The"))
adapted.add("out/extra", "extra")
print(adapted.next_token("The"))
adapted.replace("out/other")
print(adapted.next_token("The"))
