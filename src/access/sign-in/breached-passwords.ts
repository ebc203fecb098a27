/**
 * Words that, alone, together or with digits and signs around them, are what guessers try first: the heads of every published list of
 * breached passwords, and the words of our trade. Two letters or fewer are not worth a line.
 */
export const COMMON_WORDS: readonly string[] = (
  'password passwort passwd passcode parola senha contrasena contraseña motdepasse wachtwoord haslo lozinka kennwort geheim secret ' +
  'letmein welcome willkommen bienvenue hello hallo login logon access admin administrator administrateur root user test guest gast ' +
  'default changeme change please qwerty qwertz azerty asdf asdfgh zxcvbn iloveyou ichliebedich love sunshine princess prinzessin ' +
  'monkey dragon master shadow superman batman spiderman pokemon starwars football fussball baseball basketball soccer hockey ' +
  'michael jordan daniel charlie thomas andrea jessica ashley summer winter spring autumn sommer herbst fruehling frühling january ' +
  'february march april may june july august september october november december januar februar juni juli oktober dezember monday ' +
  'tuesday wednesday thursday friday saturday sunday montag freitag internet computer google facebook apple samsung microsoft windows ' +
  'server network system service support operator engineer engineering maintenance wartung instandhaltung factory fabrik plant werk ' +
  'scada plc sps siemens simatic rockwell schneider beckhoff omron honeywell emerson yokogawa control controller production ' +
  'produktion office company firma corona covid hunter killer freedom whatever trustno trust nothing flower cheese cookie chocolate ' +
  'banana pepper ginger abc xyz qaz wsx edc and the for you are not one two new my our this that with pass word'
).split(' ');

/** Long ones that no word above explains. In lower case. */
export const BREACHED_PASSWORDS: ReadonlySet<string> = new Set(
  (
    '1qaz2wsx3edc 1qaz2wsx3edc4rfv qazwsxedcrfv qazwsxedcrfvtgb zaq12wsxcde3 zaq1xsw2cde3 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i ' +
    'q1w2e3r4t5y6 q1w2e3r4t5y6u7i8 qweasdzxc123 qwe123asd456 asdqwe123456 123qweasdzxc 1234qwerasdf 1234qwerasdfzxcv qwer1234asdf ' +
    'qwertyuiop123 qwertyuiop12 1234567890qwertyuiop 123456789abc 123456789abcd 123456abcdef abcd12345678 abc123456789 abcdef123456 ' +
    'a1b2c3d4e5f6 a1b2c3d4e5f6g7 aa123456789aa 147258369147 147258369000 159753159753 159357159357 741852963741 789456123000 ' +
    '0987654321098 111222333444 112233445566 11223344556677 123123123123 123321123321 987654321987 100200300400 123654789000 ' +
    'correcthorsebatterystaple correct horse battery staple thequickbrownfox tobeornottobe maytheforcebewithyou ' +
    'mynameis12345 mynoob123456 unknown12345 jobsearch1234 3rjs1la7qe1 18atcskd2w 7777777777777 88888888888888 zxcvbnm123456 ' +
    'asdfghjkl123 asdfghjkl1234 asdfghjkl12345 poiuytrewq123 lkjhgfdsa123 mnbvcxz12345 zxcvbnm12345 !qaz2wsx#edc !qaz@wsx#edc ' +
    'p455w0rd1234 pa55word1234 passw0rd1234 iloveyou1234567 forever21forever nevergonnagiveyouup'
  ).split(' '),
);
