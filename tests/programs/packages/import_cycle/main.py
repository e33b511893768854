from app import registry

for name in ("law", "sport"):
    worker = registry.get(name)
    print(name, worker.difference("The referee"), worker.neighbour("law").name)
registry.close_all()
