/** What the record of who did what says a backup was done to. */
export const BACKUP_SUBJECT = 'backup';
