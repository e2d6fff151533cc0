// The images of a product: in the order in which they were attached, each with a
// caption if it was given one. One of them may be chosen as the primary one.
//
// The slice ProductImages and the view Products both follow the same events.

export const empty = { attached: [], primary: null };

export const find = ({ attached }, image) => attached.find((member) => member.image === image);

// after is the set that an event leads to.
export const after = (set, { type, data: { productImage: image, altText } }) => {
  const others = set.attached.filter((member) => member.image !== image);
  switch (type) {
    case 'ProductImageAttached': return { ...set, attached: [...others, { image, altText }] };
    case 'ProductImageRemoved': return { attached: others, primary: set.primary === image ? null : set.primary };
    case 'ProductPrimaryImageSet': return { ...set, primary: image };
    case 'ProductImageAltTextSet':
      return { ...set, attached: set.attached.map((member) => (member.image === image ? { image, altText } : member)) };
    default: return set;
  }
};

// effective is the image that stands for the product: the primary one, else the first
// one, else none (undefined).
export const effective = ({ attached, primary }) => primary ?? attached[0]?.image;

// effectiveFirst are all images, the effective one before the others.
export const effectiveFirst = (set) => {
  const isEffective = ({ image }) => image === effective(set);
  return [...set.attached.filter(isEffective), ...set.attached.filter((member) => !isEffective(member))];
};
