from models import actors
from session import Session

session = Session(*actors())
session.become("romeo")
print(session.say("But, soft! what light through yonder window breaks?"))
session.become("juliet")
print(session.say("O Romeo, Romeo!"))
