CREATE TABLE `#singleton` (
  `_singleton` tinyint(4) NOT NULL DEFAULT 1 COMMENT ':bool:singleton primary key',
  `v` int(11) NOT NULL COMMENT ':int32:',
  PRIMARY KEY (`_singleton`)
) ENGINE=InnoDB COMMENT='singleton with empty key'
