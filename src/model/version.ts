// The version of jwtverify, which the builds write here.

export const VERSION = '@version@';
