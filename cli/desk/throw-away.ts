// How keys for trials are marked.

/** Each `kid` of such a key begins so. */
export const THROW_AWAY = 'throw-away-';
