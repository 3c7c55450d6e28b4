// The id of this build. Dictionaries outlast a reload, and another build's entries may mean something else.

/** The build writes a hash of the module here. */
export const BUILD = '@build@';
