import access from './access.json' with { type: 'json' };
import asset from './asset.json' with { type: 'json' };
import common from './common.json' with { type: 'json' };
import conversations from './conversations.json' with { type: 'json' };
import failure from './failure.json' with { type: 'json' };
import findings from './findings.json' with { type: 'json' };
import inventory from './inventory.json' with { type: 'json' };
import map from './map.json' with { type: 'json' };
import part from './part.json' with { type: 'json' };
import people from './people.json' with { type: 'json' };
import plant from './plant.json' with { type: 'json' };
import sensors from './sensors.json' with { type: 'json' };
import settings from './settings.json' with { type: 'json' };
import shell from './shell.json' with { type: 'json' };
import today from './today.json' with { type: 'json' };
import words from './words.json' with { type: 'json' };

/** Each view has its own file of words; a file's topmost keys are the first part of its keys. */
export const de = {
  ...shell,
  ...part,
  ...words,
  ...common,
  ...access,
  ...failure,
  ...today,
  ...inventory,
  ...asset,
  ...map,
  ...conversations,
  ...findings,
  ...sensors,
  ...plant,
  ...people,
  ...settings,
};
