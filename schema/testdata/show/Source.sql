CREATE TABLE `source` (
  `id` int(11) NOT NULL COMMENT ':int32:source id',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB COMMENT='a source table'
