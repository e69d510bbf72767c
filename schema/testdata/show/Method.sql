CREATE TABLE `#method` (
  `method` varchar(16) NOT NULL COMMENT ':varchar(16):method name',
  `order` smallint(6) NOT NULL COMMENT ':int16:a reserved word column',
  PRIMARY KEY (`method`)
) ENGINE=InnoDB COMMENT='method lookup'
