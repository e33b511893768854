TUNERS = {}


def register(name):
    def enter(function):
        TUNERS[name] = function
        return function

    return enter
