"""A task for the LM Evaluation Harness: ``lm_eval --include_path FOLDER --tasks caugym --model ...``.

``FOLDER`` is this one: ``python -c "import caugym.integrations.lm_eval as e; print(e.__path__[0])"``. Other problems:
``--metadata '{"tasks": "ATE,PN", "count": 70, "variation": "redundant"}'``.
"""
