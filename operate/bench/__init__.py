"""``parloir bench``: the media plane under load, measured beside others in the same run.

Reading order: `command`; `rounds` (who is run when), `measuring` (one run), `systems` (what is
loaded), `load` (the generator's process) behind `generator`; `processes` starts and accounts,
`figures` computes, `report` prints. All traffic stays on this machine.
"""
