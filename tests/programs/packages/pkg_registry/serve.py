from registry import AdapterStore

store = AdapterStore("base")


def reply(name, inputs):
    return store.get(name).generate(**inputs)
