/**
 * Who made the interface behind a MAC address; undefined where the registry does not say, or where the address is a
 * group's or was made up by software. `automation`: this maker builds whole automation devices, so that it is the
 * device's maker too, and not only the maker of a network chip, a PC or a virtual machine inside.
 */
export type VendorOfMac = (mac: string) => MacVendor | undefined;

export interface MacVendor {
  readonly vendor: string;
  readonly automation: boolean;
}

/** What the registry holds under a prefix of 6, 7 or 9 upper-case hex digits (24, 28 or 36 bits). */
export type PrefixLookup = (prefix: string) => string | undefined;

/** Longest first: the owner of a large block hands parts of it to others. */
const PREFIX_DIGITS = [9, 7, 6] as const;
/** Makers remembered by the longest prefix, so that each is looked up once. */
const MOST_REMEMBERED = 65_536;
/** Second digit of an address: the bits for groups and for addresses that are administered locally. */
const NOT_A_MAKERS = 0b11;
/** Registered by those who do not say who they are, or by the registry itself for what it hands out in parts. */
const NOBODY: ReadonlySet<string> = new Set(['private', 'ieee registration authority']);

export function macVendors(lookup: PrefixLookup): VendorOfMac {
  const remembered = new Map<string, MacVendor | undefined>();
  return (mac) => {
    const digits = mac.replaceAll(/[^0-9a-f]/gi, '').toUpperCase();
    const longest = digits.slice(0, PREFIX_DIGITS[0]);
    if (remembered.has(longest)) {
      return remembered.get(longest);
    }
    if (remembered.size >= MOST_REMEMBERED) {
      remembered.clear();
    }
    const vendor = find(digits, lookup);
    remembered.set(longest, vendor);
    return vendor;
  };
}

function find(digits: string, lookup: PrefixLookup): MacVendor | undefined {
  if (digits.length !== 12 || (Number.parseInt(digits.charAt(1), 16) & NOT_A_MAKERS) !== 0) {
    return undefined;
  }
  for (const length of PREFIX_DIGITS) {
    const registered = lookup(digits.slice(0, length));
    if (registered !== undefined) {
      return makerOf(registered);
    }
  }
  return undefined;
}

/** The registry gives name and postal address, a line each. */
function makerOf(registered: string): MacVendor | undefined {
  const name = (registered.split('\n', 1)[0] ?? '').replace(/[\s,]+$/, '').trim();
  const plain = name.toLowerCase();
  if (name === '' || NOBODY.has(plain)) {
    return undefined;
  }
  const maker = AUTOMATION.find(([start]) => startsWithWords(plain, start));
  if (!maker || OTHER_BUSINESS.test(plain)) {
    return { vendor: name, automation: false };
  }
  return { vendor: maker[1], automation: true };
}

function startsWithWords(name: string, start: string): boolean {
  return name.startsWith(start) && !/^[\p{L}\p{N}]/u.test(name.slice(start.length));
}

/** Parts of the same companies that build something else. */
const OTHER_BUSINESS =
  /aloka|comm\. devices|convergence|cmss|dating|fire|healthcare|home & office|icm mp|life safety|medical|mobility|multi-?media|retail|safety products|security|telecommunication|transportation|turbocor|ultra terminal|video/;

/**
 * Makers of whole automation devices: how their registered names start, and the name that they are known by. Left out:
 * makers of network modules that sit in the devices of others (HMS, Hilscher, Lantronix, Digi), of PCs (Advantech,
 * Kontron), and those who build much else under one name (Panasonic, Toshiba, Delta Electronics).
 */
const AUTOMATION: readonly (readonly [start: string, vendor: string])[] = [
  ['abb', 'ABB'],
  ['adept technology', 'Adept Technology'],
  ['automationdirect.com', 'AutomationDirect'],
  ['b&r industrial', 'B&R'],
  ['bachmann electronic', 'Bachmann'],
  ['balluff', 'Balluff'],
  ['banner engineering', 'Banner Engineering'],
  ['baumer', 'Baumer'],
  ['baumuller', 'Baumüller'],
  ['beckhoff', 'Beckhoff'],
  ['belden', 'Belden'],
  ['berghof automationstechnik', 'Berghof'],
  ['bosch rexroth', 'Bosch Rexroth'],
  ['bürkert', 'Bürkert'],
  ['carel', 'Carel'],
  ['cognex', 'Cognex'],
  ['control techniques', 'Control Techniques'],
  ['danfoss', 'Danfoss'],
  ['delta controls', 'Delta Controls'],
  ['distech controls', 'Distech Controls'],
  ['dr. johannes heidenhain', 'Heidenhain'],
  ['eaton automation', 'Eaton'],
  ['eaton industries', 'Eaton'],
  ['emerson automation', 'Emerson'],
  ['emerson process', 'Emerson'],
  ['emerson rosemount', 'Emerson'],
  ['endress', 'Endress+Hauser'],
  ['esa elettronica', 'ESA elettronica'],
  ['fagor automation', 'Fagor Automation'],
  ['fanuc', 'Fanuc'],
  ['fatek', 'Fatek'],
  ['festo', 'Festo'],
  ['fisher controls', 'Emerson'],
  ['fisher-rosemount', 'Emerson'],
  ['foxboro', 'Foxboro'],
  ['fr. sauter', 'Sauter'],
  ['fuji electric', 'Fuji Electric'],
  ['garrettcom', 'GarrettCom'],
  ['ge energy', 'GE'],
  ['ge power management', 'GE'],
  ['general electric company', 'GE'],
  ['general electric corporation', 'GE'],
  ['general electric digital energy', 'GE'],
  ['haas automation', 'Haas'],
  ['hakko electronics', 'Hakko Electronics'],
  ['hangzhou hollysys', 'Hollysys'],
  ['harting', 'Harting'],
  ['helmholz', 'Helmholz'],
  ['hima paul hildebrandt', 'HIMA'],
  ['hirschmann automation', 'Hirschmann'],
  ['hitachi energy', 'Hitachi Energy'],
  ['hitachi industrial equipment', 'Hitachi'],
  ['honeywell', 'Honeywell'],
  ['idec', 'IDEC'],
  ['ifm electronic', 'ifm'],
  ['imi norgren', 'Norgren'],
  ['innominate', 'Innominate'],
  ['inovance', 'Inovance'],
  ['insys icom', 'INSYS'],
  ['insys microelectronics', 'INSYS'],
  ['invensys', 'Invensys'],
  ['johnson controls', 'Johnson Controls'],
  ['kawasaki heavy industries', 'Kawasaki'],
  ['kawasaki robot', 'Kawasaki'],
  ['keba', 'KEBA'],
  ['kendrion kuhnke', 'Kuhnke'],
  ['keyence', 'Keyence'],
  ['kieback & peter', 'Kieback & Peter'],
  ['kinco automation', 'Kinco'],
  ['krohne', 'Krohne'],
  ['kuka', 'KUKA'],
  ['lenze', 'Lenze'],
  ['leuze', 'Leuze'],
  ['loytec', 'LOYTEC'],
  ['maple systems', 'Maple Systems'],
  ['mb connect line', 'MB connect line'],
  ['meinberg', 'Meinberg'],
  ['mitsubishi electric automation', 'Mitsubishi Electric'],
  ['mitsubishi electric corporation', 'Mitsubishi Electric'],
  ['mitsubishi electric india', 'Mitsubishi Electric'],
  ['moxa', 'Moxa'],
  ['murrelektronik', 'Murrelektronik'],
  ['nidec asi', 'Nidec'],
  ['nidec leroy-somer', 'Nidec'],
  ['norgren', 'Norgren'],
  ['num ag', 'NUM'],
  ['okuma', 'Okuma'],
  ['omron corporation', 'Omron'],
  ['omron tateisi', 'Omron'],
  ['opto-22', 'Opto 22'],
  ['panasonic electric works', 'Panasonic'],
  ['parker hannifin', 'Parker'],
  ['parker ssd', 'Parker'],
  ['pepperl', 'Pepperl+Fuchs'],
  ['phoenix contact', 'Phoenix Contact'],
  ['pilz', 'Pilz'],
  ['pr electronics', 'PR electronics'],
  ['prosoft technology', 'ProSoft Technology'],
  ['red lion', 'Red Lion'],
  ['rockwell automation', 'Rockwell Automation'],
  ['ruggedcom', 'RuggedCom'],
  ['saia-burgess', 'Saia-Burgess'],
  ['samson ag', 'Samson'],
  ['schneider electric', 'Schneider Electric'],
  ['schneider-electric', 'Schneider Electric'],
  ['schweitzer engineering', 'SEL'],
  ['sew eurodrive', 'SEW-Eurodrive'],
  ['sick ag', 'SICK'],
  ['siemens', 'Siemens'],
  ['sigmatek', 'SIGMATEK'],
  ['smc corporation', 'SMC'],
  ['staubli', 'Stäubli'],
  ['tekron', 'Tekron'],
  ['telemecanique', 'Schneider Electric'],
  ['toshiba mitsubishi-electric', 'TMEIC'],
  ['trane', 'Trane'],
  ['tridium', 'Tridium'],
  ['turck', 'Turck'],
  ['unitronics', 'Unitronics'],
  ['universal robots', 'Universal Robots'],
  ['vega grieshaber', 'VEGA'],
  ['vipa', 'VIPA'],
  ['wago', 'WAGO'],
  ['weidmüller', 'Weidmüller'],
  ['weintek', 'Weintek'],
  ['wenglor', 'wenglor'],
  ['westermo', 'Westermo'],
  ['wieland electric', 'Wieland'],
  ['woodward', 'Woodward'],
  ['yamatake', 'Azbil'],
  ['yaskawa', 'Yaskawa'],
  ['yokogawa', 'Yokogawa'],
  ['zhejiang supcon', 'SUPCON'],
];
