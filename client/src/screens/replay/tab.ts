/** What the player's sidebar tells. */
export type Tab = 'events' | 'operations' | 'judge';
