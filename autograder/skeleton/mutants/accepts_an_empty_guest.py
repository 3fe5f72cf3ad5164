"""The fields are looked up but not looked at: "" and null are stored as a guest's name.

Loses: bad, notebook
"""


def read(body):
    visit = json.loads(body)
    return {"visit_id": visit["visit_id"], "guest": visit["guest"]}
