"""Settings of the machine must not reach the tests: its environment's, however they are spelt, nor the checkout's.

Done when this is loaded, before any module of the tests reads settings.
"""

import os

from bot.settings import Settings

#: Names of settings in the environment that the tests run in.
NAMES = frozenset(name for name in os.environ if name.lower() in Settings.model_fields)

for _name in NAMES:
    del os.environ[_name]
Settings.model_config["env_file"] = None
