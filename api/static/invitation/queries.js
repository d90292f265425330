// The operation by which a sharer chooses which car an invitation is answered for.

export const POSITIONS = /* GraphQL */ `
  query InvitationPositions {
    viewer {
      positions(isActive: true, first: 50) { nodes { id title placeName newest { floor area bay } } }
    }
  }`;
